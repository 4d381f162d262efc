"""What the outside services speak, as plain Python: no models, no settings, no request.

`registry` finds a provider by its slug; `base` is what each of them is; `errors` is what can go wrong.
"""
