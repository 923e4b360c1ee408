FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# esbuild runs from its platform package; nothing is downloaded.
RUN node scripts/build.ts && npm prune --omit=dev --ignore-scripts && node scripts/slim.ts

FROM node:24-bookworm-slim
# What comes from outside a container comes to all of its addresses: docs/access.md says what has to be set for that.
ENV NODE_ENV=production HYDROGEN_DATA_DIR=/data HYDROGEN_HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/models ./models
COPY --from=build /app/samples ./samples
COPY --from=build /app/deploy/health-check.mjs ./
RUN mkdir -m 0700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3800
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["node", "health-check.mjs", "--liveness", "--container"]
# Everything but /data may be read-only. A key first, then the server, here behind a gateway on 172.17.0.1 that ends TLS:
#   docker run --rm -v hydrogen:/data hydrogen-mcp keys create NAME --scopes read
#   docker run --read-only -v hydrogen:/data -p 3800:3800 -e HYDROGEN_HTTP_TRUSTED_PROXIES=172.17.0.1 hydrogen-mcp
# MCP on stdin and stdout: docker run -i --rm --read-only -v hydrogen:/data hydrogen-mcp serve
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["serve", "--http"]
