"""What `manage.py up` does. Nothing in here imports Django: the supervisor stays small."""
