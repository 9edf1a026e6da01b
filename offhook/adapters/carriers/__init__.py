"""The carriers of all providers: each is a package, which `offhook/telephony/providers.py` names."""
