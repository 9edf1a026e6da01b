"""Endpoints that speak OpenAI's chat completions: Ollama, vLLM, OpenAI, and others."""
