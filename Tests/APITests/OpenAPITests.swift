import API
import Core
import Foundation
import Testing

/// The page that programs read says what the server does: it is made from the same table and
/// the same types.
@Suite("the OpenAPI document")
struct OpenAPITests {
    let bytes: Data
    let document: [String: Any]
    /// Every operation with the path it stands under.
    let operations: [(path: String, method: String, members: [String: Any])]

    init() throws {
        bytes = try OpenAPI.document(version: "1.2.3")
        document = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        operations = try #require(document["paths"] as? [String: [String: [String: Any]]])
            .flatMap { path, methods in methods.map { (path, $0.key, $0.value) } }
    }

    @Test("says which version it describes, and is the same bytes every time")
    func isDeterministic() throws {
        #expect(document["openapi"] as? String == "3.1.0")
        #expect((document["info"] as? [String: Any])?["version"] as? String == "1.2.3")
        #expect(try OpenAPI.document(version: "1.2.3") == bytes)
    }

    @Test("has every endpoint of the table, once")
    func isComplete() {
        #expect(operations.count == Endpoint.all.count)
        for endpoint in Endpoint.all {
            #expect(operations.contains { $0.path == endpoint.template && $0.method == endpoint.method.lowercased() }, "\(endpoint.pattern)")
        }
    }

    @Test("every reference leads somewhere")
    func referencesResolve() {
        let references = references(in: document)
        #expect(references.count > Endpoint.all.count)
        for reference in references {
            let target = reference.split(separator: "/").dropFirst().reduce(document as Any?) { ($0 as? [String: Any])?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test("declares each path parameter of a template, and no other")
    func pathParameters() throws {
        for operation in operations {
            let inTemplate = operation.path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map {
                String($0.dropFirst().dropLast())
            }
            #expect(parameters(operation.members, in: "path").map { $0["name"] as? String } == inTemplate, "\(operation.path)")
            #expect(!operation.path.contains("*"))
        }
        let resolve = try self.operation("getRepoResolve")
        let path = try #require(parameters(resolve, in: "path").last)
        #expect((path["description"] as? String)?.contains("slashes are kept") == true)
        let kind = try #require(parameters(resolve, in: "path").first?["schema"] as? [String: Any])
        #expect(kind["enum"] as? [String] == ["models", "datasets"])
    }

    @Test("query and header parameters are those of the table")
    func otherParameters() throws {
        for endpoint in Endpoint.all {
            let members = try operation(endpoint.operationID)
            #expect(parameters(members, in: "query").map { $0["name"] as? String } == endpoint.query.map(\.name))
            #expect(parameters(members, in: "header").map { $0["name"] as? String } == endpoint.headers.map(\.name))
        }
    }

    @Test("operation names are unique words for generated clients")
    func operationNames() {
        let names = Endpoint.all.map(\.operationID)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLetter } && $0.first?.isLowercase == true })
    }

    static let published: [(Endpoint, String)] = [
        (.showServer, "getServer"), (.openAPI, "getOpenapiJson"), (.createToken, "createToken"), (.listRepos, "listRepos"),
        (.createRepo, "createRepo"), (.showRepo, "getRepo"), (.changeRepo, "patchRepo"), (.moveRepo, "postRepoMove"),
        (.setOwnerMember, "putOwnerMember"), (.listRefs, "getRepoRefs"), (.setBranch, "putRepoBranch"),
        (.showAliasHistory, "listRepoAliasHistory"), (.planPublish, "postRepoPublishPlan"), (.publish, "postRepoPublish"),
        (.headBlob, "headBlob"), (.putBlob, "putBlob"), (.putBlobs, "createBlobs"), (.putPart, "putUploadPart"),
        (.addLineage, "postRepoLineage"), (.releaseLock, "deleteLock"), (.collect, "postCareCollect")
    ]

    @Test("operation names stay as they were published", arguments: published)
    func operationNamesStay(_ endpoint: Endpoint, _ name: String) {
        #expect(endpoint.operationID == name)
    }

    @Test("a token is optional exactly where the table lets anyone or a reader in")
    func security() throws {
        for endpoint in Endpoint.all {
            let security = try operation(endpoint.operationID)["security"] as? [[String: [String]]]
            let isOptional = endpoint.access == .anyone || endpoint.access == .reader
            #expect(security == (isOptional ? [[:], ["bearer": []]] : [["bearer": []]]), "\(endpoint.pattern)")
        }
    }

    @Test("answers have the status and the body of the table, refusals a problem, HEAD no body")
    func answers() throws {
        for endpoint in Endpoint.all {
            let answers = try #require(try operation(endpoint.operationID)["responses"] as? [String: [String: Any]])
            #expect(Set(answers.keys) == ["\(endpoint.status)", "default"])
            let content = answers["\(endpoint.status)"]?["content"] as? [String: [String: Any]]
            switch endpoint.response {
            case .none: #expect(content == nil)
            case .bytes(let type): #expect(content.map { Array($0.keys) } == [type])
            case .json(let type):
                let schema = content?["application/json"]?["schema"] as? [String: String]
                #expect(schema?["$ref"]?.hasSuffix("/" + type.replacing("<", with: "Of").replacing(">", with: "")) == true, "\(type)")
            }
            let refusal = answers["default"]
            #expect((refusal?["$ref"] as? String == "#/components/responses/Problem") == (endpoint.method != "HEAD"))
        }
    }

    private func operation(_ name: String) throws -> [String: Any] {
        try #require(operations.first { $0.members["operationId"] as? String == name }?.members, "no operation \(name)")
    }

    private func parameters(_ operation: [String: Any], in place: String) -> [[String: Any]] {
        (operation["parameters"] as? [[String: Any]] ?? []).filter { $0["in"] as? String == place }
    }

    private func references(in value: Any) -> [String] {
        if let members = value as? [String: Any] {
            return members.flatMap { key, value in
                if key == "$ref", let text = value as? String { return [text] }
                return references(in: value)
            }
        }
        return (value as? [Any])?.flatMap(references(in:)) ?? []
    }
}

/// The schemas are what the types really read and write.
@Suite("the schemas of bodies")
struct SchemaTests {
    let components: [String: Schema]

    init() throws { components = try Schemas.components() }

    @Test("every body that an endpoint names is registered, once")
    func registered() throws {
        for endpoint in Endpoint.all {
            for case .json(let type) in [endpoint.request, endpoint.response] { _ = try Schemas.reference(to: type) }
        }
        let names = Schemas.all.map { Schemas.componentName(of: $0) }
        #expect(Set(names).count == names.count)
        #expect(Set(names).isSubset(of: components.keys))
    }

    @Test("a body that nobody registered is an error that says where to add it")
    func unregistered() {
        let error = #expect(throws: HubError.self) { try Schemas.reference(to: "Page<Whale>") }
        #expect(error?.message.contains("'Page<Whale>'") == true)
    }

    @Test("fields have the type, the optionality and the components of the Swift type")
    func fields() {
        #expect(
            components["Problem"]
                == .object([
                    .init(name: "code", schema: .string, isOptional: false),
                    .init(name: "detail", schema: .string, isOptional: false),
                    .init(name: "details", schema: .dictionary(.string), isOptional: true),
                    .init(name: "requestID", schema: .string, isOptional: false),
                    .init(name: "status", schema: .integer, isOptional: false),
                    .init(name: "title", schema: .string, isOptional: false),
                    .init(name: "type", schema: .string, isOptional: false)
                ]))
        #expect(
            components["PageOfFileInfo"]
                == .object([
                    .init(name: "items", schema: .array(.reference("FileInfo")), isOptional: false),
                    .init(name: "next", schema: .string, isOptional: true)
                ]))
    }

    @Test("a sample made from the schema reads and writes unchanged, whole and with only what is required", arguments: Schemas.all.indices)
    func roundTrip(_ i: Int) throws {
        let type = Schemas.all[i]
        let schema = Schema.reference(Schemas.componentName(of: type))
        for isWhole in [true, false] {
            let sample = try sample(of: schema, isWhole: isWhole)
            let written = try Self.readAndWrite(type, data(sample))
            #expect(try data(JSONSerialization.jsonObject(with: written)) == data(sample), "\(type)")
        }
    }

    @Test("a type has no property that its schema lacks", arguments: Schemas.all.indices)
    func properties(_ i: Int) throws {
        let type = Schemas.all[i]
        let name = Schemas.componentName(of: type)
        guard case .object(let fields) = components[name] else { throw Missing.component(name) }
        let value = try JSON.decode(type, from: data(sample(of: .reference(name), isWhole: true)))
        #expect(Mirror(reflecting: value).children.compactMap(\.label).sorted() == fields.map(\.name))
    }

    @Test("a body without a required field is refused", arguments: Schemas.all.indices)
    func required(_ i: Int) throws {
        let type = Schemas.all[i]
        let name = Schemas.componentName(of: type)
        guard case .object(let fields) = components[name] else { throw Missing.component(name) }
        for field in fields where !field.isOptional {
            var members = try #require(sample(of: .reference(name), isWhole: true) as? [String: Any])
            members[field.name] = nil
            let bytes = try data(members)
            #expect(throws: DecodingError.self, "\(name).\(field.name)") { try Self.readAndWrite(type, bytes) }
        }
    }

    private enum Missing: Error { case component(String) }

    private func sample(of schema: Schema, isWhole: Bool) throws -> Any {
        switch schema {
        case .string: return "text"
        case .boolean: return true
        case .integer: return 1 << 52
        case .number: return 0.5
        case .array(let element): return [try sample(of: element, isWhole: isWhole)]
        case .dictionary(let value): return ["key": try sample(of: value, isWhole: isWhole)]
        case .reference(let name):
            guard let component = components[name] else { throw Missing.component(name) }
            return try sample(of: component, isWhole: isWhole)
        case .object(let fields):
            return try Dictionary(
                uniqueKeysWithValues: fields.filter { isWhole || !$0.isOptional }.map { ($0.name, try sample(of: $0.schema, isWhole: isWhole)) })
        }
    }

    private func data(_ value: Any) throws -> Data { try JSONSerialization.data(withJSONObject: value, options: .sortedKeys) }

    private static func readAndWrite<Body: Codable>(_ type: Body.Type, _ bytes: Data) throws -> Data {
        try JSON.encode(JSON.decode(type, from: bytes))
    }
}
