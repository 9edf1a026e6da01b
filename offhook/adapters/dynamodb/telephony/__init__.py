"""Telephony configurations and phone numbers, and the pace at which a carrier is asked."""
