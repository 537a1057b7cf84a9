"""The WSGI entry."""

from contest import create_app

app = create_app()
