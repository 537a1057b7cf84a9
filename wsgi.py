"""The WSGI entry."""

from contest import create_server

app = create_server()
