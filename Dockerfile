# The daemon is the default target; `--target sandbox` builds the stand-in for the API.

FROM debian:bookworm AS build
WORKDIR /src
COPY scripts/install-deps scripts/lib.sh scripts/
RUN scripts/install-deps --build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DREAPER_LTO=ON \
        -DCMAKE_INSTALL_PREFIX=/usr \
    && cmake --build /build \
    && DESTDIR=/out cmake --install /build --strip

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libboost-json1.81.0 libfmt9 libspdlog1.10 libssl3 libyaml-cpp0.7 \
    && rm -rf /var/lib/apt/lists/*

FROM runtime AS sandbox
COPY --from=build /out/usr/bin/batch-sandbox /out/usr/bin/batch-audit /usr/bin/
USER 10001:10001
EXPOSE 8443
ENTRYPOINT ["batch-sandbox"]
CMD ["--listen", "0.0.0.0:8443", "--ca-out", "/tmp/ca.pem"]

FROM runtime AS daemon
COPY --from=build /out/usr/bin/campaign-reaper /usr/bin/
# A named volume starts with these; a directory of the host must belong to 10001 (docs/operating.md).
RUN install -d -o 10001 -g 10001 -m 0755 /var/lib/campaign-reaper \
    && install -d -o 10001 -g 10001 -m 2770 \
        /var/lib/campaign-reaper/incoming /var/lib/campaign-reaper/control \
    && install -d -o 10001 -g 10001 -m 0750 \
        /var/lib/campaign-reaper/active /var/lib/campaign-reaper/done /var/lib/campaign-reaper/rejected \
    && install -d -o 10001 -g 10001 -m 0711 /var/lib/campaign-reaper/state
# The daemon writes to the spool only: run it with a read-only root file system.
VOLUME /var/lib/campaign-reaper
USER 10001:10001
WORKDIR /var/lib/campaign-reaper
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["campaign-reaper", "health"]
ENTRYPOINT ["campaign-reaper"]
CMD ["run"]
