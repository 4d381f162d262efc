"""RunPod's DreamBooth worker, on an endpoint of the team's own: trains Stable Diffusion and draws with what it learnt.

`adapter` is the provider; `key_options` is what a key comes with; `training_fields`, `generation_fields`,
`rare_fields`, `base_models` and `presets` are what people can choose; `study` is how long it trains; `rules` what
cannot be; `requests` and `archive` write orders; `replies`, `results` and `failures` read answers; `workers` tells why
jobs wait.
"""
