"""dreamlook.ai: trains Stable Diffusion models by DreamBooth and draws with them.

`adapter` is the provider; `training_fields`, `generation_fields`, `base_models` and `presets` are what people can
choose; `rules` what cannot be; `requests` writes orders; `replies` reads answers.
"""
