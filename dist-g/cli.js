#!/usr/bin/env node
import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
var[major=0,minor=0]=process.versions.node.split(".").map(Number);if(major<22||major===22&&minor<13)process.stderr.write(`hydrogen needs Node 22.13 or newer; this is ${process.versions.node}. Install one from https://nodejs.org or run it with \`npx node@24\`.
`),process.exitCode=1;else{let{enableCompileCache}=await import("node:module");enableCompileCache();let{main}=await import("./chunk-26GNEKIA.js");await main(process.argv)}
