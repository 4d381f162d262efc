"""What all adapters share, so that each of them only translates.

`client` is the one way out, over `network`, which connects to public addresses only; `refusals` tells what an answer
that says no means; `downloads` fetches results and knows when they are deleted; `strict_json` and `replies` read what
came; `redaction` takes secrets out of it; `fields` and `command` are what orders have in common.
"""
