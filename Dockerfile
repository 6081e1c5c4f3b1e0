# The connector as one static program, in an image with a shell and little else.
#
# Builds with the classic builder and with BuildKit, for amd64 and arm64. A network without
# this base gives its own: any Debian with Rust, a C compiler and CA roots.
ARG RUST_IMAGE=rust:1.95-slim-bookworm

# The tool that writes down what the program is made of. It is no part of the image, so it
# may be slow, and is made before the sources come, so a change of theirs does not make it again.
FROM ${RUST_IMAGE} AS sbom
RUN cargo install cargo-cyclonedx --version 0.5.9 --locked --debug --root /tool

FROM ${RUST_IMAGE} AS build
COPY --from=sbom /tool/bin/cargo-cyclonedx /usr/local/bin/
WORKDIR /source
COPY . .
# A static program needs nothing of the image. The getrandom cfg asks the kernel for random
# numbers: in a static glibc program the function is not found at run time, and the library
# would fall back to files that need not exist. Relative relocations are packed (glibc 2.36 and
# later unpack them), which saves half a megabyte. The target is named, or the flags would reach
# the compiler's own plug-ins, which cannot be static.
RUN set -eu; \
    target=$(rustc -vV | sed -n 's/^host: //p'); \
    RUSTFLAGS='-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs --cfg getrandom_backend="linux_getrandom"' \
        cargo build --locked --profile image --bin xero-source --target "$target"; \
    mv "target/$target/image/xero-source" /xero-source; \
    SOURCE_DATE_EPOCH=0 cargo cyclonedx --format json --spec-version 1.5 --no-build-deps \
        --target "$target" --override-filename sbom; \
    mv sbom.json /xero-source.cdx.json

# What of Debian is in the image, laid out as it will be.
FROM ${RUST_IMAGE} AS root
RUN apt-get update \
 && apt-get install -y --no-install-recommends busybox-static ca-certificates
RUN mkdir /airbyte
WORKDIR /root-of-image
# Airbyte starts every connector by `sh -c`, with a script that needs sleep, mv and kill;
# acceptance suites want whoami, mkdir and tee. The others help people who look inside.
RUN set -eu; \
    mkdir -p bin etc/ssl/certs tmp usr/local/bin usr/share/doc var/lib/dpkg/status.d; \
    cp /bin/busybox bin/; \
    for tool in sh cat chmod cp date df env false find grep head id kill ls mkdir mkfifo mv ps \
        pwd rm sed sleep sort tail tee test touch tr true uname wc which whoami; do \
        ln -s busybox "bin/$tool"; \
    done; \
    echo 'root:x:0:0:root:/:/bin/sh' > etc/passwd; \
    echo 'airbyte:x:1000:1000:airbyte:/airbyte:/bin/sh' >> etc/passwd; \
    echo 'root:x:0:' > etc/group; \
    echo 'airbyte:x:1000:' >> etc/group; \
    chmod 1777 tmp; \
    # Debian's roots and not the builder's bundle, which may trust a network of its own.
    find /usr/share/ca-certificates/mozilla -name '*.crt' | LC_ALL=C sort | xargs cat \
        > etc/ssl/certs/ca-certificates.crt; \
    # Licences, and the package's record where scanners look for it.
    for package in busybox-static ca-certificates libc6; do \
        mkdir "usr/share/doc/$package"; \
        cp "/usr/share/doc/$package/copyright" "usr/share/doc/$package/"; \
    done; \
    for package in busybox-static ca-certificates; do \
        dpkg-query --status "$package" > "var/lib/dpkg/status.d/$package"; \
    done

FROM scratch
COPY --from=root /root-of-image/ /
COPY --from=root --chown=1000:1000 /airbyte /airbyte
COPY --from=build /xero-source /usr/local/bin/xero-source
COPY --from=build /xero-source.cdx.json /usr/share/doc/xero-source/sbom.cdx.json
COPY LICENSE /usr/share/doc/xero-source/copyright

ENV PATH=/usr/local/bin:/bin
# Airbyte does not look at the entrypoint, but at this.
ENV AIRBYTE_ENTRYPOINT=/usr/local/bin/xero-source
# As numbers: Kubernetes cannot tell that a name is not root's.
USER 1000:1000
WORKDIR /airbyte
ENTRYPOINT ["/usr/local/bin/xero-source"]

# A test holds the version to Cargo.toml's.
LABEL io.airbyte.name=xero-source \
      io.airbyte.version=0.5.0 \
      org.opencontainers.image.title=xero-source \
      org.opencontainers.image.description="Airbyte source connector for Xero accounting" \
      org.opencontainers.image.version=0.5.0 \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-only AND LGPL-2.1-or-later AND MPL-2.0"
