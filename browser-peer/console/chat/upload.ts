import { type BlobReference, blobsProtocol, maxPieceBytes } from '../../../protocols/blobs/protocol.ts'
import type { ConsoleTwin } from '../twin.ts'

/** Stores a file as a blob; `onDone` is told how many bytes are stored. */
export async function upload(
  twin: ConsoleTwin,
  file: File,
  onDone: (bytes: number) => void,
  signal: AbortSignal
): Promise<BlobReference> {
  const type = file.type === '' ? {} : { type: file.type.slice(0, 128) }
  const name = file.name.slice(-255)
  for await (const answer of twin.client(blobsProtocol).put({ name, ...type }, pieces(file), { signal })) {
    onDone(answer.done)
    if (answer.reference !== undefined) return answer.reference
  }
  throw new Error(`${file.name} was not stored to its end`)
}

/** The file as it is read, never as a whole in memory. */
async function* pieces(file: File): AsyncGenerator<{ data: Uint8Array }> {
  for (let at = 0; at < file.size; at += maxPieceBytes) {
    yield { data: new Uint8Array(await file.slice(at, at + maxPieceBytes).arrayBuffer()) }
  }
}

/** The bytes of a blob, under a type that a page cannot be harmed by unless it is a picture we know. */
export async function download(
  twin: ConsoleTwin,
  reference: BlobReference,
  onDone: (bytes: number) => void,
  signal: AbortSignal
): Promise<Blob> {
  const parts: BlobPart[] = []
  let done = 0
  for await (const { data } of twin.client(blobsProtocol).read({ reference }, { signal })) {
    parts.push(data as Uint8Array<ArrayBuffer>)
    done += data.length
    onDone(done)
  }
  return new Blob(parts, { type: isPicture(reference) ? reference.type : 'application/octet-stream' })
}

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** Not SVG, which is a document and can hold scripts. */
export function isPicture({ type }: BlobReference): boolean {
  return type !== undefined && pictures.has(type)
}
