def request_id(get_response):
    return get_response
