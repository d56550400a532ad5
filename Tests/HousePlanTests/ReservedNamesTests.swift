import API
import Core
import Testing

@Suite("no owner can shadow a path of the server")
struct ReservedNamesTests {
    @Test("every first segment of the API is reserved")
    func api() {
        for endpoint in Endpoint.all {
            guard let first = endpoint.pattern.split(separator: "/").first else { continue }
            #expect(ReservedNames.all.contains(String(first)), "\(endpoint.pattern)")
        }
    }

    @Test("every path mounted beside it is reserved")
    func mounted() throws {
        let mounts = try Checkout().swiftFiles(under: ["Sources/Server"]).flatMap { file in
            file.text.matches(of: /(?:get|on|post)\("\/([^\/"]+)/).map { String($0.output.1) }
        }
        #expect(mounts.contains("healthz"), "the search for mounted paths finds nothing any more")
        for name in mounts { #expect(ReservedNames.all.contains(name), "/\(name)") }
    }

    @Test("a reserved word is refused as an owner, in any case", arguments: ReservedNames.all.sorted())
    func refused(_ word: String) {
        #expect(throws: HubError.self) { try OwnerName(parsing: word) }
        #expect(throws: HubError.self) { try OwnerName(parsing: word.uppercased()) }
    }
}
