import Foundation

// usage: embed-text OUTPUT FILE…
// Writes `enum Embedded { static let files: [(name: String, text: String)] }`, sorted as given.
let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else {
    FileHandle.standardError.write(Data("usage: embed-text OUTPUT FILE…\n".utf8))
    exit(64)
}

/// A raw literal whose fence is longer than any run of `#` that follows a quote in the text.
func literal(_ text: String) -> String {
    var fence = "#"
    while text.contains("\"\"\"" + fence) || text.contains("\\" + fence) { fence += "#" }
    return "\(fence)\"\"\"\n\(text)\n\"\"\"\(fence)"
}

var source = "/// The text files of this target, by name.\nenum Embedded {\n"
source += "    static let files: [(name: String, text: String)] = [\n"
for path in arguments.dropFirst() {
    let url = URL(fileURLWithPath: path)
    let text = try String(contentsOf: url, encoding: .utf8)
    source += "(\"\(url.lastPathComponent)\", \(literal(text))),\n"
}
source += "    ]\n}\n"
try source.write(to: URL(fileURLWithPath: output), atomically: true, encoding: .utf8)
