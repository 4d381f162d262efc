def signed_media(get_response):
    return get_response


def nothing_new(get_response):
    return get_response
