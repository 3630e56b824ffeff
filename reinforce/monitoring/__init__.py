"""What a process tells whoever keeps watch over it: pages for probes and Prometheus, and word to systemd."""
