# The image of rekeyd: the compiled program and what it needs to run, on a Node.js without a shell or a package manager.
#
#   docker build --tag rekeyd --build-arg VERSION=0.1.0 .
#   docker run --read-only --cap-drop ALL --volume ./rekeyd.yaml:/etc/rekeyd/rekeyd.yaml:ro rekeyd

FROM node:24-trixie-slim AS build
# Each install has a layer that lasts until the lock file changes. The toolchain is named by it, and never installed.
# Nobody reads types, sources or maps in the image: they go, the licences stay.
WORKDIR /production
COPY package.json package-lock.json ./
COPY toolchain/package.json toolchain/
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund \
 && rm -r node_modules/.bin \
 && find node_modules -regex '.*\.\([cm]?ts\|map\)' -delete
WORKDIR /build
COPY package.json package-lock.json ./
COPY toolchain/package.json toolchain/
RUN npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY toolchain/build.mjs toolchain/
COPY src/ src/
# There is no /usr/bin/env in the image. The folders are made here, because nothing can be run in the second stage.
RUN node toolchain/build.mjs \
 && sed -i '1s|^#!.*|#!/nodejs/bin/node|' dist/main.js \
 && find dist -name '*.d.ts' -delete \
 && mkdir -p /image/bin /image/data/rekeyd /image/config/rekeyd \
 && ln -s ../dist/main.js /image/bin/rekeyd \
 && chmod 700 /image/data/rekeyd

FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /opt/rekeyd
COPY --from=build /production/node_modules/ node_modules/
COPY --from=build /image/config/ /etc/
COPY --from=build --chown=65532:65532 /image/data/ /var/lib/
COPY --from=build /image/bin/ bin/
COPY LICENSE package.json ./
COPY --from=build /build/dist/ dist/
# Threads for files and names: what hangs on a network file system keeps one of them.
ENV NODE_ENV=production \
    UV_THREADPOOL_SIZE=16 \
    PATH=/opt/rekeyd/bin:/nodejs/bin \
    REKEYD_CONFIG=/etc/rekeyd/rekeyd.yaml
# Probes and metrics.
EXPOSE 8080
VOLUME /var/lib/rekeyd
WORKDIR /var/lib/rekeyd
USER 65532:65532
ENTRYPOINT ["/opt/rekeyd/bin/rekeyd"]
CMD ["run"]
# What a build is told about itself stands last, so that it spoils no layer.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rekeyd" \
      org.opencontainers.image.description="A daemon that re-keys service accounts on a schedule" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="The rekeyd authors" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="gcr.io/distroless/nodejs24-debian13:nonroot"
