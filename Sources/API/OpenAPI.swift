import Core
package import Foundation

/// Our HTTP API for programs that read OpenAPI 3.1, made from the table of endpoints and the
/// types of their bodies.
package enum OpenAPI {
    /// The document as JSON; the same version gives the same bytes. Throws where an endpoint
    /// names a body that `Schemas` does not have.
    package static func document(version: String) throws -> Data {
        var paths: [String: [String: OpenAPIValue]] = [:]
        for endpoint in Endpoint.all {
            paths[endpoint.template, default: [:]][endpoint.method.lowercased()] = try operation(endpoint)
        }
        return try JSON.encode(
            [
                "openapi": "3.1.0",
                "info": [
                    "title": "Grayling", "version": .string(version),
                    "description":
                        "Digests are `sha256:<hex>`, commit ids 40 hexadecimal digits, times RFC 3339 in UTC with milliseconds, sizes bytes. What is absent is left out, never null; ignore fields you do not know."
                ],
                "paths": .object(paths.mapValues { .object($0) }),
                "components": [
                    "schemas": .object(try Schemas.components().mapValues(\.openAPI)),
                    "responses": ["Problem": try problem()],
                    "securitySchemes": [
                        "bearer": ["type": "http", "scheme": "bearer", "description": "A token of `POST /hub/v1/tokens`."]
                    ]
                ]
            ] as OpenAPIValue)
    }

    /// RFC 9457, the answer to every request that is refused.
    private static func problem() throws -> OpenAPIValue {
        let codes = HubError.Code.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return [
            "description": .string("Refused. `code` is one of \(codes); a newer server may have more."),
            "content": ["application/problem+json": ["schema": try Schemas.reference(to: "Problem").openAPI]]
        ]
    }
}
