FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends rabbitmq-server \
    && rm -rf /var/lib/apt/lists/*
USER rabbitmq
CMD ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
