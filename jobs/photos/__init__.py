"""The picture pipeline: what came in becomes upright, small enough and free of metadata. Knows no Django.

Every picture that people or providers send is decoded in a child process of its own (`child`), which may use only so
much memory and time and dies with whatever a decoder does to it. `intake` starts it and is the way in.
"""
