import logging.config


def configure(options):
    logging.basicConfig(level=options["level"])
