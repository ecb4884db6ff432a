# One gateway. Configured by CONCLAVE_* variables, secrets by CONCLAVE_*_FILE: see docs/configuration.md.
# Debian, not Alpine: the WebSocket server's binary needs glibc.

# The image that this one replaces, whose page browsers may have open: its scripts and styles are kept. By default it replaces none.
ARG BEFORE=node:22-bookworm-slim
FROM ${BEFORE} AS before
RUN ["mkdir", "-p", "/app/dist/web"]

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--loglevel=error"]
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY client client
COPY scripts/build-programs.mjs scripts/build-web.mjs scripts/
RUN ["node", "node_modules/typescript-native/bin/tsc", "-p", "tsconfig.build.json"]
RUN ["node", "scripts/build-programs.mjs"]
COPY --from=before /app/dist/web dist/web
RUN ["node", "scripts/build-web.mjs"]

# Prepares a load for k6: see loadtest/README.md. Not part of the gateway's image.
FROM build AS load
COPY loadtest loadtest
COPY scripts/command-line.ts scripts/
COPY scripts/loadtest scripts/loadtest
RUN ["install", "-d", "-m", "0755", "-o", "node", "-g", "node", "/load"]
USER node
ENTRYPOINT ["node", "--import", "tsx", "scripts/loadtest/prepare-main.ts", "/load"]

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ["npm", "ci", "--omit=dev", "--loglevel=error"]
# uWebSockets.js comes as one binary per platform and Node, 130 MB in all. The one for this image stays, and must be the
# one that the repository lists by its checksum: docs/operations.md says where that comes from.
COPY deploy/uwebsockets.sha256 ./
RUN cd node_modules/uWebSockets.js/dist/bin \
  && keep="uws_linux_$(node -p 'process.arch')_$(node -p 'process.versions.modules').node" \
  && find . -type f ! -name "$keep" -delete \
  && grep -F "  $keep" /app/uwebsockets.sha256 | sha256sum --check --strict -

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
  CONCLAVE_HOST=0.0.0.0 \
  CONCLAVE_ADMIN_HOST=0.0.0.0 \
  CONCLAVE_DATA_DIR=/data
WORKDIR /app
# Used by a gateway that runs alone; everything else may be read-only. A volume, so that a read-only container can write to it,
# and what is in it outlives the container's files.
RUN ["install", "-d", "-m", "0700", "-o", "node", "-g", "node", "/data"]
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
# The operator's commands: docker exec … node dist/client/admin/main.js nodes
COPY --from=build /app/dist/client dist/client
# Served to browsers with CONCLAVE_WEB=on.
COPY --from=build /app/dist/web dist/web
COPY package.json LICENSE ./
USER node
VOLUME /data
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
# On the admin port, which speaks plain HTTP also when clients come by TLS. By bash, which opens sockets itself: starting Node for
# each check would cost a hundred times its CPU.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${CONCLAVE_ADMIN_PORT:-9464} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["node", "dist/src/main.js"]
