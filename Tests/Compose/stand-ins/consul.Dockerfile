# The last Consul that Debian carries, where the official image would be.
FROM debian:bullseye-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends consul \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /consul/data
ENTRYPOINT ["consul"]
