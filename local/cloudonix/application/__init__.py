"""A voice application on an answered call: each verb is carried out, media streams among them."""
