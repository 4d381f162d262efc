"""dreamlook.ai: trains Stable Diffusion models by DreamBooth and draws with them.

`adapter` is the provider; `fields` is what people can choose; `requests` writes orders and knows what cannot be one;
`replies` reads answers.
"""
