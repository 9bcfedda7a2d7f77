# The image: Node.js and the bundle, nothing else. No shell, no package manager, no node_modules.
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t kubed-sync .
#
# Any base will do that has Node.js 20 or newer at /nodejs/bin/node. For another architecture than its own, a builder needs
# emulation (QEMU), as Docker Desktop has it.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
ARG BUILDER=docker.io/library/node:24-trixie-slim

# The bundle is the same JavaScript on every architecture: built once, on the builder's own.
FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No package of the lock file needs its scripts run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY bin ./bin
COPY scripts ./scripts
COPY src ./src
RUN node scripts/bundle.js

# Node.js keeps what it compiles in a cache, by its version, the processor, the user and the path of the file. One run fills
# it, and any run does: this one has one namespace, and nothing to render.
FROM ${BASE} AS cache
COPY --from=build /src/bin /app/bin
COPY --from=build /src/lib /app/lib
COPY --from=build /src/scripts/cache-run.yaml /cache-run.yaml
USER 65532:65532
ENV NODE_COMPILE_CACHE=/tmp
RUN ["/nodejs/bin/node", "/app/bin/kubed-sync.js", "render", "--filename", "/cache-run.yaml"]

FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=""
LABEL org.opencontainers.image.title="kubed-sync" \
      org.opencontainers.image.description="Keeps copies of annotated ConfigMaps and Secrets in sync across namespaces" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /src/package.json /app/package.json
COPY --from=build /src/bin /app/bin
COPY --from=build /src/lib /app/lib
# Nobody can write there. Another user or processor, or a Node.js before version 22, does without it.
COPY --from=cache --chmod=0755 /tmp /app/cache
COPY LICENSE /app/LICENSE
# By number, so that runAsNonRoot can be checked without a look into the image.
USER 65532:65532
WORKDIR /
# A home for whatever user a platform chooses, one without an entry in /etc/passwd too.
ENV NODE_ENV=production HOME=/home/nonroot NODE_COMPILE_CACHE=/app/cache
# A run ends by itself and its exit code tells how; there is nothing to probe.
HEALTHCHECK NONE
# Node.js is process 1 here and handles SIGTERM itself: no shell that would keep it away.
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/kubed-sync.js"]
CMD ["--help"]
