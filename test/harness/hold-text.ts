// A process that holds a text in every encoding that is searched for, until its input ends: FILE. Reads the text backwards from its
// first line, writes FILE with all of them too, and prints {"held"} with their count.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { needlesOf } from './scan.ts'

const [file = ''] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })
lines.once('line', line => {
  const text = [...line].reverse().join('')
  const held = needlesOf(text).map(({ bytes }) => Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]))
  writeFileSync(file, Buffer.concat(held))
  // What is held only here has to stay in use
  process.on('exit', () => held.length)
  console.log(JSON.stringify({ held: held.length }))
})
