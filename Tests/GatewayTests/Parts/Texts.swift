@testable import Gateway

/// Runs a body over a text's bytes.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// Reads a whole request head; a fault is returned, not thrown.
func requestHead(_ text: String) -> Swift.Result<RequestHead, HeadFault> {
    var reader = HeadReader()
    return withBytes(text) { bytes in
        do throws(HeadFault) {
            guard try reader.read(bytes) != nil else { return .failure(.badStartLine) }
            var fields = reader.takeFields()
            return .success(try RequestHead.read(bytes, reader.startLine, &fields))
        } catch {
            return .failure(error)
        }
    }
}

func responseHead(_ text: String, isHead: Bool = false) -> Swift.Result<ResponseHead, HeadFault> {
    var reader = HeadReader()
    return withBytes(text) { bytes in
        do throws(HeadFault) {
            guard try reader.read(bytes) != nil else { return .failure(.badStartLine) }
            var fields = reader.takeFields()
            return .success(try ResponseHead.read(bytes, reader.startLine, &fields, isHead: isHead))
        } catch {
            return .failure(error)
        }
    }
}

func fault<Success>(_ result: Swift.Result<Success, HeadFault>) -> HeadFault? {
    if case .failure(let fault) = result { fault } else { nil }
}

/// A small generator with a seed, for random cuttings.
struct Dice: RandomNumberGenerator {
    private var draw: Draw
    init(_ seed: UInt64) { draw = Draw(seed: seed) }
    mutating func next() -> UInt64 { draw.next() }
}
