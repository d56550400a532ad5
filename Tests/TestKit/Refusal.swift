package import Core

/// The refusal that `body` ends in, or nil where it succeeds. What is not a `HubError` is thrown on.
package func refusal<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
) async throws -> HubError? {
    do {
        _ = try await body()
        return nil
    } catch let error as HubError {
        return error
    }
}

/// The code of the refusal, or nil where `body` succeeds.
package func code<Value>(
    isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Value
) async throws -> HubError.Code? {
    try await refusal(body)?.code
}
