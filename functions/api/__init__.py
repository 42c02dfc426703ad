"""The HTTP API: parse the request, call a use case, translate the answer."""

import gc

# Starting up makes many objects, and nearly all of them stay: looking for garbage among them would
# take 7 % of the first answer. `app.handler` switches it on again.
gc.disable()
