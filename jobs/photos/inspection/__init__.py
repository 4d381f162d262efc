"""What is wrong with a photo, as far as training on it goes. Knows no Django.

`measure` looks at one photo's pixels, in the child process only, which `intake` starts. What was measured is kept as
JSON, and `report` makes findings of it, for a photo and across a set, as often as a page is shown.
"""
