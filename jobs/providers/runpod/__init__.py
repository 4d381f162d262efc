"""RunPod's DreamBooth worker, on an endpoint of the team's own: trains Stable Diffusion and draws with what it learnt.

`adapter` is the provider; `key_options` is what a key comes with; `fields` is what people can choose; `requests` writes
orders and knows what cannot be one; `replies` reads answers and tells why jobs wait.
"""
