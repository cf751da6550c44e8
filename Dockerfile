# An image of kubevouch: what deploy/image/rootfs.sh collects, on nothing. No shell, no package manager, not root.
#
#   docker build --build-arg BASE=debian:bookworm-slim@sha256:... --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) -t kubevouch .
#
# The base is pinned by its digest, so that the same sources give the same image; without one nothing is built:
#   skopeo inspect --format '{{.Digest}}' docker://docker.io/library/debian:bookworm-slim
# What is linked comes from Debian at the time of the build; the bill of materials in the image names each version
# (/usr/share/doc/kubevouch/sbom.spdx.json). Without Docker: make oci.
ARG BASE
FROM ${BASE} AS build
ARG BASE
ARG SOURCE_DATE_EPOCH
RUN echo "${BASE}" | grep -qE '^[^@]+@sha256:[0-9a-f]{64}$' || { echo "give --build-arg BASE=NAME@sha256:DIGEST, not ${BASE}" >&2; exit 1; }
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends autoconf automake pkg-config make gcc g++ \
      libcurl4-openssl-dev libssl-dev libyaml-dev libjansson-dev libre2-dev ca-certificates python3 binutils
COPY . /src
WORKDIR /src
RUN : "${SOURCE_DATE_EPOCH:?give --build-arg SOURCE_DATE_EPOCH}" && autoreconf -fi && mkdir /build && cd /build && \
    /src/configure --prefix=/usr -q CFLAGS='-O2 -g0 -ffile-prefix-map=/src=.' && make -s -j"$(nproc)" all && sh /src/deploy/image/rootfs.sh /build /rootfs

FROM scratch
COPY --from=build /rootfs/ /
COPY --from=build --chown=65532:65532 /rootfs/reports /reports
ENV PATH=/usr/bin
USER 65532:65532
ENTRYPOINT ["/usr/bin/kubevouch"]
