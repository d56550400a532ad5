/// An HTTP answer as a client read it.
struct Answer: Sendable {
    var status: Int
    var line: String
    var fields: [(name: String, value: String)]
    var body: [UInt8] = []
    var trailers: [(name: String, value: String)] = []

    init(head: String) throws {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        line = lines[0]
        guard line.hasPrefix("HTTP/1.1 "), let status = Int(line.dropFirst(9).prefix(3)) else { throw Client.Unreadable(what: line) }
        self.status = status
        fields = try lines.dropFirst().map(Self.field)
    }

    static func field(_ line: String) throws -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: ":") else { throw Client.Unreadable(what: line) }
        return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
    }

    subscript(_ name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }
    func all(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }
    var text: String { String(decoding: body, as: UTF8.self) }
}
