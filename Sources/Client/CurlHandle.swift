import CCurl
import Core
import Foundation

/// One libcurl easy handle with the connections it keeps open. Belongs to one thread.
final class CurlHandle {
    private let handle: UnsafeMutableRawPointer

    /// libcurl wants its global set-up once, before any handle.
    private static let globalSetUp: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    init() throws(HubError) {
        guard Self.globalSetUp == CURLE_OK, let handle = curl_easy_init() else {
            throw HubError(.internalError, "libcurl could not be set up; check that the machine has memory left")
        }
        self.handle = handle
    }

    deinit { curl_easy_cleanup(handle) }

    /// Sends `request` once and waits for the whole answer. The body of a successful answer
    /// goes to `sink` if there is one, else it is kept, up to `limit` bytes.
    func perform(_ request: Request, sink: (any BodySink)?, limit: Int, isCancelled: @escaping () -> Bool) throws -> Response {
        let transfer = Transfer(request: request, sink: sink, limit: limit, isCancelled: isCancelled)
        curl_easy_reset(handle)
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        // Without "Expect:" libcurl waits a second for a go-ahead that few servers send.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            lines = curl_slist_append(lines, line)
        }
        configure(request)
        ccurl_set_list(handle, CURLOPT_HTTPHEADER, lines)
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        connect(context)
        let code = withExtendedLifetime(transfer) { curl_easy_perform(handle) }
        if let failure = transfer.failure { throw failure }
        guard code == CURLE_OK else { throw Self.failure(code, request.url) }
        return Response(head: transfer.head, body: transfer.kept)
    }

    private func configure(_ request: Request) {
        ccurl_set_string(handle, CURLOPT_URL, request.url)
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_string(handle, CURLOPT_USERAGENT, "grayling")
        ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 10)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, request.stallSeconds)
        ccurl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
        ccurl_set_long(handle, CURLOPT_BUFFERSIZE, 512 << 10)
        ccurl_set_long(handle, CURLOPT_UPLOAD_BUFFERSIZE, 1 << 20)
        // A path is sent as it was encoded; libcurl would otherwise drop '..' on its own.
        ccurl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        if request.method == "HEAD" {
            ccurl_set_long(handle, CURLOPT_NOBODY, 1)
        } else if request.hasBody {
            ccurl_set_long(handle, CURLOPT_UPLOAD, 1)
            ccurl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.bodySize))
            ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
        } else {
            ccurl_set_long(handle, CURLOPT_HTTPGET, 1)
            ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func connect(_ context: UnsafeMutableRawPointer) {
        ccurl_set_transfer(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            Transfer.at(context).send(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_transfer(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.at(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_transfer(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.at(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_seek(handle) { context, offset, origin in Transfer.at(context).seek(to: offset, origin: origin) }
        ccurl_set_progress(handle) { context, _, _, _, _ in Transfer.at(context).isStopped ? 1 : 0 }
        for option in [CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_SEEKDATA, CURLOPT_XFERINFODATA] {
            ccurl_set_pointer(handle, option, context)
        }
        ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    }

    private static func failure(_ code: CURLcode, _ url: String) -> TransportFailure {
        let text = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .unreachable(text)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_WEIRD_SERVER_REPLY:
            return .refused(text)
        case CURLE_ABORTED_BY_CALLBACK: return .cancelled
        default: return .cut(text)
        }
    }
}
