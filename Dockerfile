# The connector as one static program, in an image with a shell and little else.
#
# Builds with the classic builder and with BuildKit, for amd64 and arm64. The same source gives the same
# layers, bit by bit, in whatever folder and on whatever day: the base image is named by its digest, the
# packages come from a snapshot of Debian's archive, and files have the time SOURCE_DATE_EPOCH.
#
# A network without this base gives its own: any Debian with Rust, a C compiler and CA roots. One without
# snapshot.debian.org gives an empty DEBIAN_SNAPSHOT.
ARG RUST_IMAGE=rust:1.95.0-slim-bookworm@sha256:b8ecdb97c5b9c1ae058249f72710dbe33d4da19f7b8d911bd3c72e5f048af251
ARG DEBIAN_SNAPSHOT=20261128T000000Z

FROM ${RUST_IMAGE} AS base
ARG DEBIAN_SNAPSHOT
COPY image/install-debian image/debian-packages /image/
RUN /image/install-debian "$DEBIAN_SNAPSHOT"

# The tool that writes down what the program is made of. It is no part of the image, so it
# may be slow, and is made before the sources come, so a change of theirs does not make it again.
FROM base AS tool
RUN cargo install cargo-cyclonedx --version 0.5.9 --locked --debug --root /tool

FROM base AS build
COPY --from=tool /tool/bin/cargo-cyclonedx /usr/local/bin/
# CI builds in two folders and compares.
ARG FOLDER=/source
WORKDIR ${FOLDER}
COPY .cargo .cargo
COPY benches benches
COPY integration_tests integration_tests
COPY src src
COPY Cargo.lock Cargo.toml spec.json ./
# A static program needs nothing of the image. The getrandom cfg asks the kernel for random
# numbers: in a static glibc program the function is not found at run time, and the library
# would fall back to files that need not exist. Relative relocations are packed (glibc 2.36 and
# later unpack them), which saves half a megabyte. The names of folders do not get into the program.
# The target is named, or the flags would reach the compiler's own plug-ins, which cannot be static.
ENV CARGO_HOME=${FOLDER}-cargo
RUN set -eu; \
    target=$(rustc -vV | sed -n 's/^host: //p'); \
    CFLAGS="-ffile-prefix-map=$FOLDER=/source -ffile-prefix-map=$CARGO_HOME=/cargo" \
    RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs \
        --cfg getrandom_backend=\"linux_getrandom\" \
        --remap-path-prefix=$FOLDER=/source --remap-path-prefix=$CARGO_HOME=/cargo" \
        cargo build --locked --profile image --bin xero-source --target "$target"; \
    SOURCE_DATE_EPOCH=0 cargo cyclonedx --format json --spec-version 1.5 --no-build-deps \
        --target "$target" --override-filename crates; \
    mkdir /built; \
    mv "target/$target/image/xero-source" /built/
COPY image /image/
RUN set -eu; \
    /image/components crates.json > /built/sbom.cdx.json; \
    /image/notices /built/sbom.cdx.json > /built/NOTICES; \
    /image/sources /built/sbom.cdx.json > /built/SOURCES; \
    gzip -9n < "$(rustc --print sysroot)/share/doc/rust/COPYRIGHT-library.html" > /built/COPYRIGHT-library.html.gz

# The image, laid out as it will be.
FROM base AS root
COPY --from=build /built /built
COPY LICENSE /built/copyright
# Without it the second build of CI would take this stage from the first.
ARG FOLDER
ARG SOURCE_DATE_EPOCH=0
WORKDIR /root-of-image
# Airbyte starts every connector by `sh -c`, with a script that needs sleep, mv and kill;
# acceptance suites want whoami, mkdir and tee. The others help people who look inside.
RUN set -eu; \
    mkdir -p /homes/airbyte bin etc/ssl/certs tmp usr/local/bin usr/share/common-licenses usr/share/doc/rust \
        usr/share/doc/xero-source var/lib/dpkg/status.d; \
    cp /bin/busybox bin/; \
    for tool in sh cat chmod cp date df env false find grep head id kill ls mkdir mkfifo mv ps \
        pwd rm sed sleep sort tail tee test touch tr true uname wc which whoami; do \
        ln -s busybox "bin/$tool"; \
    done; \
    echo 'root:x:0:0:root:/:/bin/sh' > etc/passwd; \
    echo 'airbyte:x:1000:1000:airbyte:/airbyte:/bin/sh' >> etc/passwd; \
    echo 'root:x:0:' > etc/group; \
    echo 'airbyte:x:1000:' >> etc/group; \
    # Debian's roots and not the builder's bundle, which may trust a network of its own.
    find /usr/share/ca-certificates/mozilla -name '*.crt' | LC_ALL=C sort | xargs cat \
        > etc/ssl/certs/ca-certificates.crt; \
    mv /built/xero-source usr/local/bin/; \
    mv /built/COPYRIGHT-library.html.gz usr/share/doc/rust/; \
    mv /built/* usr/share/doc/xero-source/; \
    # Licences, and the package's record where scanners look for it.
    for package in busybox-static ca-certificates gcc-12-base libc6; do \
        mkdir "usr/share/doc/$package"; \
        cp "/usr/share/doc/$package/copyright" "usr/share/doc/$package/"; \
    done; \
    for licence in GPL-2 GPL-3 LGPL-2.1 MPL-2.0; do \
        cp "/usr/share/common-licenses/$licence" usr/share/common-licenses/; \
    done; \
    for package in busybox-static ca-certificates; do \
        dpkg-query --status "$package" > "var/lib/dpkg/status.d/$package"; \
    done; \
    # Whatever the umask of the checkout and of the builder.
    chmod -R u=rwX,go=rX .; \
    chmod 1777 tmp; \
    find . /homes -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

FROM scratch
COPY --from=root /root-of-image/ /
COPY --from=root --chown=1000:1000 /homes/ /

ENV PATH=/usr/local/bin:/bin
# Airbyte does not look at the entrypoint, but at this.
ENV AIRBYTE_ENTRYPOINT=/usr/local/bin/xero-source
# As numbers: Kubernetes cannot tell that a name is not root's.
USER 1000:1000
WORKDIR /airbyte
ENTRYPOINT ["/usr/local/bin/xero-source"]

# A test holds the version to Cargo.toml's, and the licences to those that deny.toml allows.
LABEL io.airbyte.name=xero-source \
      io.airbyte.version=0.7.0 \
      org.opencontainers.image.title=xero-source \
      org.opencontainers.image.description="Airbyte source connector for Xero accounting" \
      org.opencontainers.image.version=0.7.0 \
      org.opencontainers.image.licenses="MIT AND Apache-2.0 AND BSD-3-Clause AND CDLA-Permissive-2.0 AND ISC AND Unicode-3.0 AND Zlib AND GPL-2.0-only AND LGPL-2.1-or-later AND MPL-2.0 AND GPL-3.0-or-later WITH GCC-exception-3.1"
