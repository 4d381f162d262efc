"""Long runs under fire, each a command that prints what it saw; small ones with a fixed seed are tests beside them.

python -m tests.chaos.kills --seed 7 --points   the main job for minutes, every process of the product killed
python -m tests.chaos.recovery                  how soon each process is back
python -m tests.chaos.paid --orders 1000 --kills 160 --hanging --other-key [--provider runpod] [--product]
                                                paid orders at an emulated provider that misbehaves; the books
    both with --postgres                        the database is a PostgreSQL whose power is cut, the broker is emptied
python -m tests.chaos.forged                    callbacks forged by the thousand
python -m tests.chaos.big_checkpoint            two gigabytes that break off twenty times
python -m tests.chaos.slow                      strangers who never read what they asked for, or never send
"""
