/**
 * Files and other large values: stored sealed and in chunks, referred to by documents, fetched from whoever has them and
 * verified chunk by chunk.
 *
 * ```ts
 * const pieces = async function* () { yield { data: new TextEncoder().encode('hello') } }
 * let reference
 * for await (const answer of blobs.put({ name: 'garden.txt' }, pieces())) reference = answer.reference ?? reference
 * await chat.send({ who: 'Ben', text: 'The garden', attachments: [reference] })
 * for await (const item of bensChat.follow({ who: 'Ann' })) if (item.type === 'message') break
 * for await (const { data } of bensBlobs.read({ reference })) assert.equal(new TextDecoder().decode(data), 'hello')
 * ```
 * @packageDocumentation
 */
export { type BlobExchange, BlobService, type BlobServiceInit } from './blob-service.ts'
export * from './protocol.ts'
export { blobs } from './service.ts'
