import Core

extension OpenAPI {
    static func operation(_ endpoint: Endpoint) throws -> OpenAPIValue {
        var members: [String: OpenAPIValue] = [
            "operationId": .string(endpoint.operationID),
            "summary": .string(endpoint.summary),
            "description": .string(endpoint.access.meaning),
            "security": endpoint.access.isOptional ? [[:], ["bearer": []]] : [["bearer": []]],
            "responses": try responses(of: endpoint)
        ]
        let parameters = parameters(of: endpoint)
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let content = try content(endpoint.request) { members["requestBody"] = ["required": true, "content": content] }
        return .object(members)
    }

    private static func parameters(of endpoint: Endpoint) -> [OpenAPIValue] {
        let path = endpoint.parameters.map { name -> OpenAPIValue in
            var members: [String: OpenAPIValue] = ["name": .string(name), "in": "path", "required": true, "schema": schema(ofParameter: name)]
            // OpenAPI cannot say this in a schema: there, a path parameter ends at a slash.
            if endpoint.pattern.hasSuffix("{\(name)*}") {
                members["description"] = "The rest of the path: its slashes are kept as they are, other reserved characters are percent-encoded."
            }
            return .object(members)
        }
        return path + endpoint.query.map { parameter($0, in: "query") } + endpoint.headers.map { parameter($0, in: "header") }
    }

    private static func parameter(_ parameter: Endpoint.Parameter, in place: String) -> OpenAPIValue {
        [
            "name": .string(parameter.name), "in": .string(place), "description": .string(parameter.meaning),
            "schema": schema(ofParameter: parameter.name)
        ]
    }

    /// Parameters are text but for these few.
    private static func schema(ofParameter name: String) -> OpenAPIValue {
        switch name {
        case "kind": ["type": "string", "enum": .array(RepoKind.allCases.map { .string($0.plural) })]
        case "limit", "depth", "number": Schema.integer.openAPI
        default: Schema.string.openAPI
        }
    }

    private static func responses(of endpoint: Endpoint) throws -> OpenAPIValue {
        var success: [String: OpenAPIValue] = ["description": .string(endpoint.status == 201 ? "Made" : "Done")]
        // RFC 9110, section 9.3.2: an answer to HEAD has no body, not even when it refuses.
        guard endpoint.method != "HEAD" else {
            return .object(["\(endpoint.status)": .object(success), "default": ["description": "Refused"]])
        }
        if let content = try content(endpoint.response) { success["content"] = content }
        return .object(["\(endpoint.status)": .object(success), "default": ["$ref": "#/components/responses/Problem"]])
    }

    private static func content(_ body: Endpoint.Body) throws -> OpenAPIValue? {
        switch body {
        case .none: nil
        case .json(let type): ["application/json": ["schema": try Schemas.reference(to: type).openAPI]]
        // OpenAPI 3.1, "Considerations for File Uploads": bytes are a media type without a schema.
        case .bytes(let type): .object([type: type.hasPrefix("text/") ? ["schema": Schema.string.openAPI] : [:]])
        }
    }
}

extension Endpoint.Access {
    /// Whether a request without a token can succeed.
    fileprivate var isOptional: Bool {
        switch self {
        case .anyone, .reader: true
        case .signedIn, .writer, .admin, .siteAdmin: false
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .anyone: "Open to anyone; a token shows what it may see beyond the public."
        case .reader: "Open to anyone where the repo is public; needs the role reader where it is private."
        case .signedIn: "Needs a token."
        case .writer: "Needs the role writer."
        case .admin: "Needs the role admin."
        case .siteAdmin: "Needs a site admin."
        }
    }
}
