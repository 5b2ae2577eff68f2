import { type ImportanceRequest, importanceOf } from './importance.ts'

/** Forests grow beside the page, which goes on drawing. */
self.onmessage = ({ data }: MessageEvent<ImportanceRequest>) => self.postMessage(importanceOf(data))
