FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# esbuild runs from its platform package; nothing is downloaded.
RUN node scripts/build.ts && npm prune --omit=dev --ignore-scripts && node scripts/slim.ts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HYDROGEN_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/models ./models
COPY --from=build /app/samples ./samples
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
# MCP on stdin and stdout: docker run -i --rm -v hydrogen:/data hydrogen-mcp
ENTRYPOINT ["node", "dist/cli.js"]
