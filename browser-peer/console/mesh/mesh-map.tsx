import type { MapShape, MeshNode } from './mesh-layout.ts'

export const pathWords = {
  loopback: 'this machine',
  lan: 'local network',
  public: 'direct',
  'hole-punched': 'hole-punched',
  relayed: 'through a relay'
} as const

interface MeshMapProps {
  readonly nodes: readonly MeshNode[]
  readonly name: string
  readonly shape: MapShape
}

/** A picture of the table below it, for those who see. */
export function MeshMap({ nodes, name, shape }: MeshMapProps) {
  const { width, height, rings } = shape
  const centre = { x: width / 2, y: height / 2 }
  return (
    <svg class="mesh-map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label(nodes)}>
      <ellipse class="mesh-ring" cx={centre.x} cy={centre.y} rx={rings.device.x} ry={rings.device.y} />
      <ellipse class="mesh-ring" cx={centre.x} cy={centre.y} rx={rings.contact.x} ry={rings.contact.y} />
      {nodes.map(node => (
        <Edge key={node.id} node={node} centre={centre} />
      ))}
      {nodes.map(node => (
        <g key={node.id} class="mesh-node" data-kind={node.kind} data-away={node.path === undefined}>
          <circle cx={node.x} cy={node.y} r={node.kind === 'contact' ? 22 : 18} />
          <text class="mesh-letter" x={node.x} y={node.y + 5}>
            {letter(node)}
          </text>
          <text
            class="mesh-name"
            data-side={sideOf(node.x, width)}
            x={nameAt(node.x, width)}
            y={node.y < centre.y ? node.y - 30 : node.y + 40}
          >
            {shorten(node.name)}
          </text>
        </g>
      ))}
      <g class="mesh-me">
        <circle class="mesh-halo" cx={centre.x} cy={centre.y} r="46" />
        <circle class="mesh-back" cx={centre.x + 10} cy={centre.y + 5} r="26" />
        <circle cx={centre.x - 6} cy={centre.y - 3} r="30" />
        <text class="mesh-letter" x={centre.x - 6} y={centre.y + 4}>
          {[...name][0] ?? ''}
        </text>
        <text class="mesh-name" x={centre.x} y={isNameAbove(nodes, centre) ? centre.y - 54 : centre.y + 58}>
          Your twin
        </text>
      </g>
    </svg>
  )
}

/** Where fewer lines pass, which have their figures on them. */
function isNameAbove(nodes: readonly MeshNode[], { x, y }: { x: number; y: number }): boolean {
  const steep = nodes.filter(node => node.path !== undefined && Math.abs(node.y - y) > Math.abs(node.x - x))
  return steep.filter(node => node.y > y).length * 2 > steep.length
}

const edge = 64

/** Names near the rim grow inwards. */
function sideOf(x: number, width: number): 'left' | 'right' | undefined {
  return x < edge ? 'left' : x > width - edge ? 'right' : undefined
}

function nameAt(x: number, width: number): number {
  const side = sideOf(x, width)
  return side === undefined ? x : side === 'left' ? 8 : width - 8
}

function Edge({ node, centre }: { node: MeshNode; centre: { x: number; y: number } }) {
  if (node.path === undefined) return null
  const { x, y } = node
  const along = node.kind === 'device' ? 0.63 : 0.66
  const mid = { x: centre.x + (x - centre.x) * along, y: centre.y + (y - centre.y) * along }
  return (
    <g class="mesh-edge" data-path={node.path}>
      <line x1={centre.x} y1={centre.y} x2={x} y2={y} />
      {node.latencyMs !== undefined && (
        <>
          <rect class="mesh-tag" x={mid.x - 27} y={mid.y - 10} width="54" height="20" rx="10" />
          <text class="mesh-latency" x={mid.x} y={mid.y + 4}>
            {latencyWords(node.latencyMs)}
          </text>
        </>
      )}
    </g>
  )
}

export function latencyWords(ms: number): string {
  // Libp2p counts whole milliseconds
  if (ms < 1) return '< 1 ms'
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

function label(nodes: readonly MeshNode[]): string {
  const online = nodes.filter(({ path }) => path !== undefined).length
  return `Your twin and ${nodes.length} others, ${online} of them connected. The same stands in the table.`
}

function letter({ kind, name }: MeshNode): string {
  return kind === 'meeting-point' ? '◇' : ([...name][0]?.toLocaleUpperCase() ?? '·')
}

function shorten(name: string): string {
  const letters = [...name]
  return letters.length <= 18 ? name : `${letters.slice(0, 17).join('')}…`
}
