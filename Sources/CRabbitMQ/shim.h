#include <stdint.h>
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

/* Swift cannot call variadic functions. */
static inline amqp_rpc_reply_t asterism_amqp_login(
    amqp_connection_state_t state, const char *vhost, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password) {
  return amqp_login_with_properties(state, vhost, 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat, properties,
                                    AMQP_SASL_METHOD_PLAIN, user, password);
}

/* Swift does not import macros with casts. */
static const uint32_t asterism_basic_ack = AMQP_BASIC_ACK_METHOD;
static const uint32_t asterism_basic_nack = AMQP_BASIC_NACK_METHOD;
static const uint32_t asterism_basic_cancel = AMQP_BASIC_CANCEL_METHOD;
static const uint32_t asterism_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const uint32_t asterism_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const uint32_t asterism_content_type_flag = AMQP_BASIC_CONTENT_TYPE_FLAG;
static const uint32_t asterism_headers_flag = AMQP_BASIC_HEADERS_FLAG;
static const uint32_t asterism_content_encoding_flag = AMQP_BASIC_CONTENT_ENCODING_FLAG;
static const uint32_t asterism_timestamp_flag = AMQP_BASIC_TIMESTAMP_FLAG;
static const uint32_t asterism_delivery_mode_flag = AMQP_BASIC_DELIVERY_MODE_FLAG;
