#!/usr/bin/env node
// The `aspara` command: what was built if it is there (npm packages have nothing else), the sources otherwise.
import './node-version.js'
import { existsSync } from 'node:fs'

const built = new URL('../dist/aspara.js', import.meta.url)
await import(existsSync(built) ? built.href : new URL('../command/aspara.ts', import.meta.url).href)
