"""Manages telephony configurations, and answers the carrier's questions about live calls."""
