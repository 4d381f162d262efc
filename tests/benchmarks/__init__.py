"""Commands that print what the product costs. They judge nothing and are not part of the test suite.

    python -m tests.benchmarks.job_list   [--jobs N]    F1 to F4: pages and refreshes of a list of 10 000 jobs: answers
                                                        a second, latency, CPU, queries, bytes; with --jobs 100000 also
                                                        every list, filter and gallery page at that size
    python -m tests.benchmarks.photos     [--photos N]  F10: 20 photos of 12 megapixels: first and last
                                                        thumbnail, memory
    python -m tests.benchmarks.delivery                 F11, F13, F14: thumbnails a second, page weight, start, memory
    python -m tests.benchmarks.polling  [--jobs N]      F8: 1000 jobs at a provider that cannot list: questions a
                                                        second, how late they are, CPU and memory of the one worker
    python -m tests.benchmarks.house    [FOLDER]        how the code is cut: modules, functions, lines
    python -m pytest tests/jobs/operations/trips.py -sq how far apart it is: the files that each trip passes

Each but the last two starts the product on a data folder of its own in the system's temporary folder, on a free port of
127.0.0.1, signs the owner in over HTTP and stops everything at the end. `job_list` and the thumbnails of `delivery`
start the web server and the broker by the command lines of `manage.py up`, without worker and beat, with one address
more: a view that does nothing, the limit of what Django can do. The others start `manage.py up` itself.

Load comes from wrk (`apt install wrk`) where it is installed, otherwise from threads of our own, which cannot ask as
fast; the first line says which. CPU is what Linux accounts to the server's processes, divided by the answers. Figures
differ between machines and between hours: compare ratios within one run, and counts.
"""
