/**
 * Puts text between the marks `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 * @param write gives the text of a name; null leaves what is there
 * @throws Error for a mark without its end
 */
export function putFragments(document: string, write: (name: string) => string | null): string {
  return document
    .replaceAll(/<!-- bench:(\w+) -->/g, (mark, name: string, from: number) => {
      if (!document.includes(end(name), from)) throw new Error(`${mark} has no ${end(name)} after it.`)
      return mark
    })
    .replaceAll(
      /(<!-- bench:(\w+) -->\n)[^]*?(<!-- \/bench:\2 -->)/g,
      (whole, begin: string, name: string, close: string) => {
        const text = write(name)
        return text === null ? whole : `${begin}\n${text}\n\n${close}`
      },
    )
}

function end(name: string): string {
  return `<!-- /bench:${name} -->`
}
