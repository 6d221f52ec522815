# syntax=docker/dockerfile:1

# The live map, which build.rs then embeds into the program.
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS build
# librdkafka is built from its source, with cmake.
RUN apt-get update \
    && apt-get install -y --no-install-recommends cmake \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
# target/ is a cache and no part of the layer, so the program is copied out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin cordon \
    && install -D target/release/cordon /out/cordon

FROM debian:bookworm-slim
# For brokers with TLS: the usual certificate authorities, and OpenSSL with them.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin cordon
COPY LICENSE NOTICE /usr/share/doc/cordon/
COPY --from=build /out/cordon /usr/local/bin/cordon
# A library that is missing here shows now, not in the control room.
RUN ["cordon", "--version"]
# By number, so that an orchestrator can see that it is not root.
USER 10001
EXPOSE 8080
# The image has no curl; bash speaks enough HTTP for one line.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["cordon"]
CMD ["run", "--config", "/etc/cordon/cordon.toml"]
