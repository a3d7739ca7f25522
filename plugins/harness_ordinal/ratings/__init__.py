"""Rating tasks on language models: how a distribution over ordered labels is had from one, and what it is worth."""
